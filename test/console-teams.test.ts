// Teams in a real browser: who is in them, what they open, and what each person is offered there.
import type { Page } from 'playwright-core'
import { beforeAll, expect } from 'vitest'
import { faultsOf } from './support/accessible.ts'
import { enter, overflowOf, personIn, screenshot } from './support/chromium.ts'
import {
  bar,
  consoleWorld,
  inChromium,
  MARKUP,
  openPerson,
  rows,
  soon,
  total,
} from './support/console-world.ts'
import { flowgateForTest, SUPERUSER, SUPERUSER_PASSWORD } from './support/flowgate.ts'
import { type Api, createFlow, createUser, expectStatus, grant, signIn } from './support/world.ts'

const world = consoleWorld()
const TEAMS = '/api/v1/teams/'
/** Led by ann, and bob is in it: Editor of `Plans`, Viewer of a flow of ann's whose name is markup, and everywhere. */
let support: string
let gina: Api

beforeAll(async () => {
  if (!world.gate) return
  const { gate, root, ann, bob, plans } = world
  gina = await createUser(gate, root, 'gina')
  await grant(root, gina, 'Admin', 'Global')
  support = await createTeam('Support')
  await join(support, ann, 'admin')
  await join(support, bob)
  const flow = await createFlow(ann, MARKUP)
  await give(support, 'Editor', 'Project', plans)
  await give(support, 'Viewer', 'Global')
  const share = { team_id: support, role: 'Viewer', expires_at: '2099-01-01T00:00:00Z' }
  await expectStatus(201, ann.post(`/api/v1/flows/${flow}/shares`, share))
  await createTeam(MARKUP, MARKUP)
}, 60_000)

async function createTeam(name: string, description = ''): Promise<string> {
  return (await expectStatus(201, world.root.post(TEAMS, { name, description }))).body.id
}
const join = (team: string, { userId }: Api, role = 'member') =>
  expectStatus(201, world.root.post(`${TEAMS}${team}/members`, { user_id: userId, role }))
const give = (team_id: string, role_name: string, scope_type: string, scope_id?: string) =>
  expectStatus(
    201,
    world.root.post('/api/v1/rbac/assignments', { team_id, role_name, scope_type, scope_id }),
  )
const membersOf = async (team: string): Promise<string[]> =>
  (await world.root.get(`${TEAMS}${team}/members`)).body.map(
    ({ username, role }: { username: string; role: string }) => `${username} ${role}`,
  )

const enterRoot = (page: Page, path: string) => enter(page, SUPERUSER, SUPERUSER_PASSWORD, path)
const section = (page: Page, name: string) => page.locator(`section[aria-labelledby="${name}"]`)
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' }).click()
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

inChromium(
  'an admin makes a team, puts people in, lets them lead, takes them out and back, and deletes it after a question',
  async () => {
    const { page, complaints } = await openPerson(world)
    await enterRoot(page, '/teams')
    await button(page, 'New team').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Night shift')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Team Night shift' }).waitFor()
    await page.getByRole('heading', { name: 'Nobody is in this team yet' }).waitFor()
    await page.getByRole('heading', { name: 'The team opens nothing yet' }).waitFor()
    const id = page.url().slice(-36)
    await page.getByRole('combobox', { name: 'Person' }).fill('nil')
    await page.getByRole('option', { name: 'nils' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await button(page, 'Put in').click()
    await soon(() => bar(page)).toBe('nils is in “Night shift” now.')
    await button(page, 'Make team admin: nils').click()
    await soon(() => bar(page)).toBe('nils is a team admin now.')
    expect(await membersOf(id)).toEqual(['nils admin'])
    await undo(page)
    await soon(() => membersOf(id)).toEqual(['nils member'])
    await button(page, 'Remove nils').click()
    await soon(() => membersOf(id)).toEqual([])
    await undo(page)
    await soon(() => membersOf(id)).toEqual(['nils member'])
    await button(page, 'Rename Night shift').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Day shift')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Team Day shift' }).waitFor()
    await undo(page)
    await page.getByRole('heading', { name: 'Team Night shift' }).waitFor()
    await give(id, 'Viewer', 'Project', world.plans)
    await button(page, 'Delete Night shift').click()
    const question = page.getByRole('dialog')
    await soon(() => question.innerText()).toContain('1 member loses what they have by it: 1 grant')
    await page.keyboard.press('Escape')
    expect((await world.root.get(TEAMS + id)).status).toBe(200)
    await button(page, 'Delete Night shift').click()
    await question.getByRole('button', { name: 'Delete' }).click()
    await soon(() => bar(page)).toBe('Team “Night shift” is deleted.')
    expect((await world.root.get(TEAMS + id)).status).toBe(404)
    expect(complaints).toEqual([])
  },
)

inChromium(
  'who is taken out and put back is what they were by then, whatever the page still shows',
  async () => {
    const { page } = await openPerson(world)
    const team = await createTeam('Relay')
    await join(team, world.bob, 'admin')
    await enterRoot(page, `/teams/${team}`)
    await button(page, 'Make member: bob').waitFor()
    await expectStatus(
      200,
      world.root.patch(`${TEAMS}${team}/members/${world.bob.userId}`, { role: 'member' }),
    )
    await button(page, 'Remove bob').click()
    await soon(() => membersOf(team)).toEqual([])
    await undo(page)
    await soon(() => membersOf(team)).toEqual(['bob member'])
  },
)

inChromium(
  'taking back a new team spares one that is used by now, and taking back a name what else was changed',
  async () => {
    const { page } = await openPerson(world)
    await enterRoot(page, '/teams')
    const make = async () => {
      await button(page, 'New team').click()
      await page.getByRole('textbox', { name: 'Name' }).fill('Pioneers')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Team Pioneers' }).waitFor()
      return page.url().slice(-36)
    }
    const gone = await make()
    await undo(page)
    await soon(() => page.url()).toMatch(/\/teams$/)
    expect((await world.root.get(TEAMS + gone)).status).toBe(404)
    const id = await make()
    await join(id, world.bob)
    await undo(page)
    await soon(() => bar(page)).toContain('Team “Pioneers” has members or grants by now.')
    expect(await membersOf(id)).toEqual(['bob member'])
    await button(page, 'Rename Pioneers').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Settlers')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Team Settlers' }).waitFor()
    await expectStatus(200, gina.patch(TEAMS + id, { description: 'Of the west' }))
    await undo(page)
    await page.getByRole('heading', { name: 'Team Pioneers' }).waitFor()
    expect((await world.root.get(TEAMS + id)).body.description).toBe('Of the west')
    await world.root.delete(TEAMS + id)
  },
)

inChromium(
  'an admin sees all that a team opens, by kind, and ends a grant with a way back',
  async () => {
    const { page } = await openPerson(world)
    await enterRoot(page, `/teams/${support}`)
    const opens = section(page, 'opens')
    await soon(() => rows(page).count()).toBe(5)
    await soon(() => opens.innerText()).toMatch(/Project Plans.*Who has access\s+Editor\s+Without/s)
    expect(await opens.innerText()).toMatch(/Everywhere\s+Viewer/)
    await opens.getByLabel('Show').selectOption({ label: 'Projects' })
    await soon(() => opens.locator('tbody tr').count()).toBe(1)
    await page.reload()
    await soon(() => opens.locator('tbody tr').count()).toBe(1)
    await opens.getByRole('button', { name: 'End Editor on Plans' }).click()
    await opens.getByRole('heading', { name: 'Nothing of that kind' }).waitFor()
    await undo(page)
    await soon(() => opens.locator('tbody tr').count()).toBe(1)
    await page.goBack()
    await soon(() => opens.locator('tbody tr').count()).toBe(3)
    await opens.getByRole('link', { name: 'Plans' }).click()
    await soon(() => total(page)).toBe('62 flows')
    await page.goBack()
    await opens.getByRole('link', { name: 'Who has access' }).first().click()
    await page.getByRole('heading', { name: 'Who has access' }).waitFor()
  },
)

inChromium(
  'whoever leads a team, is in it, is an admin of the house or nobody is offered what they may do there',
  async () => {
    const offered = async (page: Page) =>
      (await page.locator('main button, main form h2').allInnerTexts()).filter(Boolean)
    const lead = await openPerson(world)
    await enter(lead.page, 'ann', 'ann-password', `/teams/${support}`)
    await soon(() => offered(lead.page)).toEqual([
      ...['Rename', 'Delete', 'Make team admin', 'Remove', 'End', 'Put somebody in', 'Put in'],
    ])
    // The last one who leads it stays, and says so.
    expect(await section(lead.page, 'members').innerText()).toMatch(/ann.*The last team admin/s)
    const opens = section(lead.page, 'opens')
    // What is hers anyway, the project, is not shared with her.
    await opens.getByRole('button', { name: `End Viewer on ${MARKUP} (1)` }).click()
    await soon(() => bar(lead.page)).toBe('Team Support no longer has this share.')
    await opens.getByRole('heading', { name: 'The team opens nothing yet' }).waitFor()
    await undo(lead.page)
    await soon(() => opens.locator('tbody tr').count()).toBe(1)

    const member = await openPerson(world)
    await enter(member.page, 'bob', 'bob-password', `/teams/${support}`)
    await soon(() => offered(member.page)).toEqual(['Leave'])
    await soon(() => section(member.page, 'opens').locator('tbody tr').count()).toBe(2)
    await button(member.page, 'Leave').click()
    await member.page.getByText('only others can put you into it again').waitFor()
    await member.page.keyboard.press('Escape')
    expect(await membersOf(support)).toContain('bob member')

    const admin = await openPerson(world)
    await enter(admin.page, 'gina', 'gina-password', `/teams/${support}`)
    await soon(() => section(admin.page, 'opens').getByRole('button').count()).toBe(3)
    await admin.page.getByRole('combobox', { name: 'Person' }).fill('gina')
    await admin.page.getByRole('option', { name: 'gina' }).click()
    await admin.page.getByText('You cannot put yourself into a team').waitFor()
    expect(await button(admin.page, 'Put in').isDisabled()).toBe(true)

    const nobody = await openPerson(world)
    await enter(nobody.page, 'nils', 'nils-password', '/teams')
    await nobody.page.getByRole('heading', { name: 'You are in no team' }).waitFor()
    expect(await offered(nobody.page)).toEqual([])
    await nobody.page.goto(`/console/teams/${support}`)
    const said = nobody.page.getByRole('alert')
    await soon(() => said.innerText()).toMatch(
      /do not have permission to view.*Request [0-9a-f-]+/s,
    )
  },
)

inChromium(
  'what one cannot take back for oneself is asked about: leading, and leaving',
  async () => {
    const id = await createTeam('Twins')
    await join(id, world.ann, 'admin')
    await join(id, world.bob, 'admin')
    const { page } = await openPerson(world)
    await enter(page, 'bob', 'bob-password', `/teams/${id}`)
    await button(page, 'Step down').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Step down' }).click()
    await soon(() => membersOf(id)).toContain('bob member')
    await soon(() => page.getByRole('form', { name: 'Put somebody in' }).count()).toBe(0)
    await button(page, 'Leave').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
    await soon(() => bar(page)).toBe('You are no longer in “Twins”.')
    expect(await membersOf(id)).toEqual(['ann admin'])
  },
)

inChromium(
  'teams are searched for as one types, which stands in the address; markup is shown as it is written',
  async () => {
    const { page, complaints } = await openPerson(world)
    await enterRoot(page, '/teams')
    await page.getByLabel('Search').fill('onerror')
    await soon(() => total(page)).toBe('1 team')
    expect(page.url()).toContain('search=onerror')
    await page.reload()
    await soon(() => page.locator('.words').allInnerTexts()).toEqual([MARKUP])
    await page.getByRole('link', { name: MARKUP }).click()
    await soon(() => page.locator('h1').innerText()).toBe(`Team ${MARKUP}`)
    expect(await page.locator('.what').innerText()).toBe(MARKUP)
    await page.goBack()
    await soon(() => page.getByLabel('Search').inputValue()).toBe('onerror')
    await page.getByLabel('Search').fill('no team is called this')
    await page.getByRole('heading', { name: 'No team matches' }).waitFor()
    await button(page, 'Show all teams').click()
    await soon(() => rows(page).count()).toBeGreaterThan(1)
    await page.goto(`/console/teams/${support}`)
    await soon(() => section(page, 'opens').innerText()).toContain(MARKUP)
    expect(await page.locator('main img, main b').count()).toBe(0)
    expect(complaints).toEqual([])
  },
)

inChromium(
  'a database that fails is said in words, with another try, and nothing that was there is gone',
  async () => {
    const { page } = await openPerson(world)
    await enterRoot(page, `/teams/${support}`)
    await button(page, 'Remove bob').waitFor()
    world.gate.proxy.decide(() => 'lost')
    await button(page, 'Remove bob').click()
    await soon(() => page.locator('.notice.failed').innerText()).toMatch(/database.*Request/s)
    world.gate.proxy.decide(() => 'forward')
    await soon(() => section(page, 'members').innerText()).toContain('bob')
    expect(await membersOf(support)).toContain('bob member')
  },
)

inChromium(
  'where everybody may make teams, everybody is offered to, and leads theirs',
  async () => {
    const gate = await flowgateForTest({ files: true, bindings: { TEAMS: 'open' } })
    await createUser(gate, await signIn(gate), 'olga')
    const { page } = await personIn(world.browser, gate)
    await enter(page, 'olga', 'olga-password', '/teams')
    await page.getByRole('heading', { name: 'There is no team yet' }).waitFor()
    await button(page, 'New team').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Mine')
    await page.keyboard.press('Enter')
    await soon(() => section(page, 'members').innerText()).toMatch(/olga\s+Team admin/)
    await undo(page)
    await page.getByRole('heading', { name: 'There is no team yet' }).waitFor()
  },
)

inChromium(
  'a phone needs no scrolling sideways, and all of it is named and can be read, by day and by night',
  async () => {
    const { page } = await openPerson(world, { width: 320, height: 800 })
    await enterRoot(page, '/teams')
    for (const [name, path] of [
      ['teams', '/teams'],
      ['team', `/teams/${support}`],
    ]) {
      await page.goto(`/console${path}`)
      await soon(() => rows(page).count()).toBeGreaterThan(1)
      if (name === 'team') await section(page, 'opens').locator('table').waitFor()
      for (const width of [320, 800, 1280])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 900 })
          await page.emulateMedia({ colorScheme })
          expect([width, await overflowOf(page)]).toEqual([width, 0])
          expect(await faultsOf(page)).toEqual([])
          await screenshot(page, `console-${name}-${width}-${colorScheme}`)
        }
    }
    await button(page, 'Delete Support').click()
    await page.getByRole('dialog').waitFor()
    expect(await faultsOf(page)).toEqual([])
  },
)
