// An editor on a fresh workspace for the tests of one file, ended on every path.
import { after, afterEach, before } from "node:test";
import { CodeServer } from "./codeServer.mjs";
import { Editor } from "./editor.mjs";
import { Workspace } from "./workspace.mjs";

/** Induction takes seconds; on a slow machine, more than the usual ones. */
export const AMPLE = { "unsorry.timeout": 20 };

/** To be called at the top of a test file; the fields are there as soon as the first test runs. */
export function session(name, { files, folder, size, ...options }) {
  const here = { workspace: undefined, server: undefined, editor: undefined };
  before(async () => {
    here.workspace = new Workspace(files, folder);
    here.server = await CodeServer.start(options);
    here.editor = await Editor.open(here.server, here.workspace.folder, size);
  });
  afterEach(async (context) => {
    if (!context.passed) await here.editor?.failed(`${name}: ${context.name}`.replace(/[^\w .:-]/g, ""));
  });
  after(async () => {
    try {
      await here.editor?.close();
    } finally {
      await here.server?.stop();
      here.workspace?.remove();
    }
  });
  return here;
}
