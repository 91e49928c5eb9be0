// Builds the bundle that the integration tests fly: the same dry run that a deployment makes.
import { execFileSync } from 'node:child_process'

export default function build() {
  execFileSync('npx', ['wrangler', 'deploy', '--dry-run', '--outdir', 'dist'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
  })
}
