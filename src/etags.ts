// Entity tags as they are sent (RFC 9110, 8.8.3): lists of them, and whether one is named.

type EntityTag = { readonly isWeak: boolean; readonly text: string }

/** The tags of `If-Match` or `If-None-Match`; what is none is passed over. */
export const tagsIn = (sent: string): EntityTag[] =>
  [...sent.matchAll(/(W\/)?"([!#-~]*)"/g)].map(([, weak, text]) => ({
    isWeak: weak !== undefined,
    text: String(text),
  }))

/** A tag is among those that were sent, or any is asked for: weak ones are as good, and nobody is refused for what is not a tag. */
export const isNamed = (sent: string | undefined, tag: string): boolean =>
  sent !== undefined &&
  (sent.trim() === '*' || tagsIn(sent).some(({ text }) => `"${text}"` === tag.replace(/^W\//, '')))
