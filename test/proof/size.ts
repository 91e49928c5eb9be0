// How much of the proof is run. PROOF=quick is the selection of `npm test` and of the engine's mutants; unset, as in
// `npm run test:proof`, every part runs and the longest draw some of their cases anew each time; PROOF=whole leaves
// nothing to the draw, for a release or after work on the engine or the rules (about 45 minutes on two cores).
export const isQuick = process.env.PROOF === 'quick'
export const isWhole = process.env.PROOF === 'whole'

/** Random worlds. */
export const WORLDS = isWhole ? 2_000 : 500

const turn = Math.random() < 0.5 ? 0 : 1

/** Every other of them, these or those by chance; in the whole all. */
export const drawn = <T>(all: readonly T[]): T[] => all.filter((_, n) => isWhole || n % 2 === turn)
