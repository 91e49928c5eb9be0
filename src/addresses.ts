// Addresses that may be gone to: by https, or on the machine itself.

/** Of a URL, as URL has it. */
export const isLoopback = (hostname: string) => /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname)

/** Absolute, without credentials in it: https, or http on loopback. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** The same, where one that is not of this machine leads there too: what comes by https goes on by it. */
export const isAsSafeAs = (text: string, other: string): boolean =>
  isSafeAddress(text) && (text.startsWith('https:') || other.startsWith('http:'))
