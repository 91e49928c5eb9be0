// Runs a command that must not outlive whoever started it: when our stdin closes (the starter ended,
// even by kill -9), the command is told to end too.
import { spawn } from 'node:child_process'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code) => process.exit(code ?? 1))

const end = () => {
  child.kill('SIGTERM')
  // A workerd with a request that never ends ignores SIGTERM.
  setTimeout(() => child.kill('SIGKILL'), 5000).unref()
}
process.stdin.on('end', end).on('error', end).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
