/**
 * Tells keywords, comments, strings and numbers of Lean apart, for when no other extension colours them.
 * A lexer and no parser: Lean's syntax can be extended, so this only knows what every file has. Pure.
 */

export const TOKEN_TYPES = ["comment", "string", "number", "keyword", "function", "type"] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

export interface Token {
  readonly line: number;
  readonly start: number;
  readonly length: number;
  readonly type: TokenType;
}

const NAMING: Record<string, TokenType> = {
  theorem: "function", lemma: "function", def: "function", abbrev: "function", opaque: "function", axiom: "function",
  inductive: "type", structure: "type", class: "type",
};
const KEYWORDS = new Set(
  `import open namespace section end universe variable set_option attribute example instance deriving where extends
   mutual private protected noncomputable partial unsafe local scoped macro syntax notation infix infixl infixr prefix
   postfix elab macro_rules elab_rules by fun λ let have show from in if then else match with do return for while
   calc at termination_by decreasing_by using sorry admit Type Prop Sort`.split(/\s+/),
);
const WORD = /[\p{L}_][\p{L}\p{N}_'!?.]*/uy;
const NUMBER = /\d[\d_]*(?:\.\d+)?/y;
const STRING = /"(?:\\.|[^"\\])*"?/sy;

export function leanTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 0;
  let lineStart = 0;
  let position = 0;
  let naming: TokenType | undefined;

  /** Move on to `end`; a piece of several lines becomes a token on each of them. */
  function take(end: number, type?: TokenType): void {
    while (position < end) {
      const newline = text.indexOf("\n", position);
      const stop = newline < 0 || newline >= end ? end : newline;
      if (type !== undefined && stop > position) tokens.push({ line, start: position - lineStart, length: stop - position, type });
      position = stop;
      if (stop === newline && position < end) {
        position += 1;
        line += 1;
        lineStart = position;
      }
    }
  }

  while (position < text.length) {
    if (text.startsWith("--", position)) take(endOfLine(text, position), "comment");
    else if (text.startsWith("/-", position)) take(endOfBlock(text, position), "comment");
    else if (text[position] === '"') take(endOf(STRING, text, position), "string");
    else {
      const word = endOf(WORD, text, position);
      const number = endOf(NUMBER, text, position);
      if (word > position) {
        const name = text.slice(position, word);
        const isKeyword = KEYWORDS.has(name) || name in NAMING;
        take(word, isKeyword ? "keyword" : naming);
        naming = NAMING[name];
      } else if (number > position) take(number, "number");
      else {
        if (!/\s/.test(text[position] ?? "")) naming = undefined;
        take(position + 1);
      }
    }
  }
  return tokens;
}

function endOf(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

function endOfLine(text: string, position: number): number {
  const newline = text.indexOf("\n", position);
  return newline < 0 ? text.length : newline;
}

/** Block comments nest. */
function endOfBlock(text: string, position: number): number {
  let depth = 0;
  for (let at = position; at < text.length; at += 1) {
    if (text.startsWith("/-", at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith("-/", at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
