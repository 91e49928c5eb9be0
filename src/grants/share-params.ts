// What callers may send about shares.
import * as v from 'valibot'
import { objectOf } from '../containers.ts'
import { Time, text, Uuid } from '../fields.ts'

const Name = text(255)

export const FlowPath = v.object({ flow_id: Uuid })
export const ProjectPath = v.object({ project_id: Uuid })
export const FlowSharePath = v.object({ flow_id: Uuid, share_id: Uuid })
export const ProjectSharePath = v.object({ project_id: Uuid, share_id: Uuid })

const receivers = ['user_id', 'username', 'team_id', 'team'] as const

/** For exactly one of a user and a team, by id or name; `role` by its name. */
export const ShareCreate = v.pipe(
  objectOf({
    user_id: v.optional(Uuid),
    username: v.optional(Name),
    team_id: v.optional(Uuid),
    team: v.optional(Name),
    role: Name,
    expires_at: v.nullish(Time, null),
  }),
  v.metadata({ examples: [{ team: 'Support', role: 'Editor', expires_at: '2027-01-01' }] }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const input = dataset.value
    const given = receivers.filter((name) => input[name] !== undefined)
    if (given.length === 1) return
    // What is named is what was given too much, or what may be given.
    const key = given[1] ?? 'user_id'
    addIssue({
      message: 'Give one of user_id, username, team_id and team',
      path: [{ type: 'object', origin: 'value', input, key, value: input[key] }],
    })
  }),
)
export type ShareCreate = v.InferOutput<typeof ShareCreate>

/** `expires_at: null` lets the share last for ever again; left out, it stays. */
export const ShareUpdate = v.pipe(
  objectOf({ role: v.optional(Name), expires_at: v.nullish(Time) }),
  v.forward(
    v.check(
      ({ role, expires_at }) => role !== undefined || expires_at !== undefined,
      'Field required',
    ),
    ['role'],
  ),
)
export type ShareUpdate = v.InferOutput<typeof ShareUpdate>
