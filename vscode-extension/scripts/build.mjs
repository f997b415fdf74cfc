// Bundles the extension into dist/extension.js. `vscode` is the one module that VS Code itself gives.
import { build } from "esbuild";

await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  minify: true,
  keepNames: true,
  sourcemap: process.argv.includes("--sourcemap"),
});
