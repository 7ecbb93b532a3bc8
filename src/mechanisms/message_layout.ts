// Where things lie in the memory of the program that hides and shows MESSAGEs.

/** The key of a stream: eight words. */
export const KEY = 0;
/** The tag of what went through `piece`, once `finish` was called: four words. */
export const TAG = 48;
/** The last nonce that `hide` or `show` used: a double. */
export const NONCE = 64;
/** Where what `hide` or `show` made ends: a word. */
export const MADE = 72;
/** Whether words are multiplied to shift them, as is the faster on some engines: a word. */
export const MULTIPLIES = 76;
/** Blocks of stream that there is room for: a multiple of four. */
export const BLOCKS = 128;
/** The blocks, behind what the program has for its own use. */
export const STREAM = 2112;
/** What is given; a bit more is read, and written. */
export const IN: number = STREAM + 64 * BLOCKS + 64;
export const IN_ROOM = 81920;
/** What is made of it. */
export const OUT: number = IN + IN_ROOM + 64;
/** Pages of memory, of 64 KiB. */
export const PAGES = 4;
export const OUT_ROOM: number = 65536 * PAGES - OUT - 64;
