// A log line says which room speaks. Nothing is printed above the chosen level: the terminal belongs to the presenter.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string, error?: unknown): void
  /** The same log, its lines prefixed with one more name. */
  named(name: string): Log
}

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A log that hands lines at or above `level` to `write`. */
export function createLog(level: LogLevel, write: (line: string) => void, name = 'podium'): Log {
  const say = (at: LogLevel, message: string): void => {
    if (ORDER.indexOf(at) >= ORDER.indexOf(level)) write(`${at} ${name}: ${message}`)
  }
  return {
    debug: (message) => say('debug', message),
    info: (message) => say('info', message),
    warn: (message) => say('warn', message),
    error: (message, error) => say('error', error ? `${message}: ${messageOf(error)}` : message),
    named: (part) => createLog(level, write, `${name}/${part}`),
  }
}

/** What went wrong, as one line for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
