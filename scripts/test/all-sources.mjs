// @ts-check
/**
 * Tests import this that read the sources of all packages as files, or what is built of them: `npm test -- --changed`
 * follows imports, and so runs them when any source changes. Nothing is loaded.
 *
 * @module
 */

// @ts-expect-error: a word of Vite's, which becomes an import() of each file.
export const sources = import.meta.glob("../../packages/*/src/**/*.{ts,tsx}");
