// What is looked for, folded as the trigger `flowgate_search_enter` folds what is found: both go through the same tokenizer,
// which leaves out case, and marks on Latin letters alone. A test holds the two together. Pure.

/** Letters with marks that the tokenizer keeps (Greek, Cyrillic, Arabic), and each without. */
export const LETTERS =
  'ΆΈΉΊΌΎΏΐΪΫάέήίΰϊϋόύώϓϔЀЁЃЇЌЍЎЙйѐёѓїќѝўѶѷӁӂӐӑӒӓӖӗӚӛӜӝӞӟӢӣӤӥӦӧ' + 'ӪӫӬӭӮӯӰӱӲӳӴӵӸӹآأؤإئۀۂۓ'
export const BARE =
  'αεηιουωιιυαεηιυιυουωϒϒеегікиуииеегікиуѵѵжжааааееәәжжззииииоо' + 'өөээууууууччыыااوايەہے'

const bareOf = new Map([...LETTERS].map((letter, i) => [letter, [...BARE][i] ?? '']))

/** Marks beside the letters of Hebrew and Arabic, and the bar that stretches Arabic words. */
const MARKS =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]/gu

/** Scripts without blanks between words: Thai, Lao, Burmese, Khmer, Chinese and Japanese. */
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\u{20000}-\u{2ffff}]/gu

/** Without marks, and with blanks around each letter of a script that has none between words. */
export const fold = (text: string): string =>
  [...text]
    .map((letter) => bareOf.get(letter) ?? letter)
    .join('')
    .replace(MARKS, '')
    .replace(UNSPACED, ' $& ')
