// Rows of teams and of who is in them -> the bodies of the contract. Pure.
import { flag, id, nullable, oneOf, text, time, view } from '../wire.ts'

const role = oneOf('member', 'admin')

/**
 * One team; `role` is the caller's own in it, null for an admin who is not in it. With an external name it is a group of a
 * company's directory, which says who is in it.
 */
export const toTeamRead = view('TeamRead', {
  id,
  name: text,
  description: nullable(text),
  external_name: nullable(text),
  created_at: time,
  role: nullable(role),
})

/** Somebody in a team. Whoever is not active has no rights, through the team or otherwise. */
export const toTeamMember = view('TeamMember', {
  user_id: id,
  username: text,
  role,
  is_active: flag,
  created_at: time,
})
