// Chance without state: every draw is a function of a seed, a purpose and a number.

/** 32 well-mixed bits of three numbers (the finalizer of MurmurHash3). */
export function hash(seed: number, salt: number, n: number): number {
  let h =
    Math.imul(seed + 0x9e3779b9, 0x85ebca6b) ^
    Math.imul(salt + 0x7f4a7c15, 0xc2b2ae35) ^
    Math.imul(n + 1, 0x27d4eb2f)
  for (const factor of [0x85ebca6b, 0xc2b2ae35]) {
    h = Math.imul(h ^ (h >>> 16), factor)
    h ^= h >>> 13
  }
  return (h ^ (h >>> 16)) >>> 0
}

export const random = (seed: number, salt: number, n: number) => hash(seed, salt, n) / 2 ** 32

/** Box-Muller. */
export const normal = (seed: number, n: number) =>
  Math.sqrt(-2 * Math.log(1 - random(seed, 12, n))) * Math.cos(2 * Math.PI * random(seed, 13, n))

export function cumulative(count: number, weight: (n: number) => number): Float64Array {
  const sums = new Float64Array(count)
  let sum = 0
  for (let n = 0; n < count; n++) sums[n] = sum += weight(n)
  return sums
}

/** The index into which a share of the whole weight falls. */
export function pick(sums: Float64Array, share: number): number {
  const wanted = share * (sums.at(-1) ?? 0)
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) > wanted) high = middle
    else low = middle + 1
  }
  return low
}
