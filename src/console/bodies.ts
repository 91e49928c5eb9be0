// The bodies of the API as far as the console looks at them; /openapi.json describes them whole.
export type Named = { id: string; username: string }

export type Flow = {
  id: string
  name: string
  description: string | null
  folder_id: string | null
  is_component: boolean
  access_type: 'PRIVATE' | 'PUBLIC'
  tags: string[]
  etag: string
  actions: string[]
  scope: string | null
  owner: Named | null
  updated_at: string | null
}

export type FlowPage = {
  items: Flow[]
  total: number
  total_is: 'exact' | 'at_least'
  next_cursor: string | null
  prev_cursor: string | null
}

export type Project = { id: string; name: string; actions: string[] }

export type Share = {
  id: string
  user_id: string | null
  username: string | null
  team_id: string | null
  team: string | null
  role: string
  is_immutable: boolean
  by_username: string | null
  expires_at?: string
}

export type MadeShare = Share & { warnings: string[] }

export type Grant = {
  id: string
  role_name: string
  scope_type: string
  expires_at?: string
  team_name?: string
}

export type Person = {
  user_id: string
  username: string
  actions: string[]
  decided_by: string
  grants: Grant[]
}

export type AccessPage = { items: Person[]; total: number; admins: number; pages: number }

export type Explanation = {
  allowed: boolean
  decided_by: string
  grants: {
    id: string
    role: { name: string }
    scope_type: string
    team_name?: string
    expires_at?: string
    status: string
    holds_permission: boolean
  }[]
}

export type Me = { id: string; username: string; is_superuser: boolean }

export type Session = {
  id: string
  created_at: string
  /** When its access token was last renewed, which happens every hour of use. */
  renewed_at: string
  expires_at: string
  user_agent: string | null
  current: boolean
}

export type Key = {
  id: string
  name: string | null
  /** Its first eight characters, the rest masked. */
  api_key: string
  last_used_at: string | null
  total_uses: number
  is_active: boolean
  expires_at: string | null
  read_only: boolean
  decisions: boolean
  created_at: string
}

/** A key in full. */
export type MadeKey = { id: string; name: string | null; api_key: string }

export type User = Named & {
  is_active: boolean
  is_superuser: boolean
  create_at: string
  last_login_at: string | null
}

export type Users = { total_count: number; users: User[] }

/** A grant as admins see it. */
export type Assignment = {
  id: string
  user_id: string | null
  username: string | null
  team_id?: string
  team_name?: string
  role_name: string
  scope_type: string
  scope_id: string | null
  scope_name: string | null
  is_immutable: boolean
  created_at: string
  expires_at?: string
}

export type Assignments = { items: Assignment[]; total: number; pages: number }

/** An account at a company, and whose it is here. */
export type Binding = {
  issuer: string
  subject: string
  /** Its id, where it is still one that people sign in by. */
  provider: string | null
  user_id: string
  created_at: string
}

export type Team = {
  id: string
  name: string
  description: string | null
  /** The group of a company's directory whose members are the team's. */
  external_name: string | null
  created_at: string
  /** The caller's own in it. */
  role: 'member' | 'admin' | null
}

export type Member = {
  user_id: string
  username: string
  role: 'member' | 'admin'
  is_active: boolean
  created_at: string
}

/** A share as those see it who gave or hold it. */
export type MyShare = Share & {
  scope_type: 'Flow' | 'Project'
  scope_id: string
  name: string | null
}

export type Role = {
  id: string
  name: string
  description: string | null
  is_system_role: boolean
}

export type AuditEntry = {
  id: number
  at: string
  actor_id: string | null
  request_id: string | null
  action: string
  target_type: string
  target_id: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export type AuditName = { id: string; name: string; is_gone: boolean }

export type AuditPage = { items: AuditEntry[]; names: AuditName[]; next_cursor: string | null }

export type Readiness = {
  status: string
  verdict: string
  revision: string | null
  head: string
  code?: string
  detail?: unknown
  slow?: string[]
}
