import { render } from 'hono/jsx/dom'
import { App } from './app.tsx'
import { hideAside } from './aside.ts'

const root = document.getElementById('root')
if (root) {
  hideAside(root)
  render(<App />, root)
}
