// Starts the system's own programs for its parent (tools.ts), and ends with it.
import { messageOf } from '../machinery/log.ts'
import type { ToolOrder, ToolReport } from './tools.ts'
import { NotInstalled, runToolHere } from './tools.ts'

async function carryOut({ id, program, args, input }: ToolOrder): Promise<ToolReport> {
  try {
    return { id, output: await runToolHere(program, args, input) }
  } catch (error) {
    if (error instanceof NotInstalled) return { id, notInstalled: true }
    return { id, error: messageOf(error) }
  }
}

// Ctrl-C reaches every process of the terminal; rules still have to be taken back then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', (order: ToolOrder) => {
  void carryOut(order).then((report) => process.connected && process.send?.(report))
})
