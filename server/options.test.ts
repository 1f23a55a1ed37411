import { describe, expect, test } from 'vitest'
import { helpText, parseOptions, UsageError } from './options.ts'

const defaults = {
  host: '127.0.0.1',
  port: 8080,
  apiPort: 6443,
  dataDir: '.podium',
  nodes: 4,
  simulatedNodes: 0,
  nodeMemory: undefined,
  proxyMode: 'auto',
  demo: 'keynote',
  nginx: 'auto',
  autoscalerSpeed: 1,
  clusterName: undefined,
  join: [],
  token: undefined,
}

describe('options', () => {
  test('stand at their defaults when nothing is said', () => {
    expect(parseOptions([], {})).toEqual(defaults)
  })

  test('come from the environment, and the command line wins', () => {
    const env = { PODIUM_PORT: '9000', PODIUM_DATA_DIR: 'memory' }
    expect(parseOptions(['--port', '9001'], env)).toEqual({
      ...defaults,
      port: 9001,
      dataDir: 'memory',
    })
  })

  test.each([
    [['--port', '70000'], '--port takes a whole number from 0 to 65535, not "70000".'],
    [['--nodes', '-1'], "Option '--nodes' argument is ambiguous. See --help."],
    [['--nodes', 'four'], '--nodes takes a whole number from 0 to 24, not "four".'],
    [['--proxy-mode', 'ipvs'], '--proxy-mode takes auto, iptables, userspace, not "ipvs".'],
    [['--nginx', 'apache'], '--nginx takes auto, builtin, installed, not "apache".'],
    [['--demo', 'opera'], '--demo takes keynote, none, not "opera".'],
    [
      ['--cluster-name', 'West'],
      '--cluster-name takes at most 50 small letters, digits and hyphens, none of these at an end.',
    ],
    [['--join', 'a,,b'], '--join takes kubeconfig files with commas between them.'],
    [['--token', 'short'], '--token takes at least 8 letters, digits, or . _ ~ -'],
    [['--port', '6443'], '--port and --api-port must differ.'],
    [['--data-dir', ''], '--data-dir takes a directory, or memory.'],
    [['--host', 'a b'], '--host takes an address or a host name, not "a b".'],
    [['--bogus'], "Unknown option '--bogus'. See --help."],
    [['stray'], "Unexpected argument 'stray'. See --help."],
  ])('%j is refused in one sentence', (args, sentence) => {
    expect(() => parseOptions(args, {})).toThrow(UsageError)
    expect(() => parseOptions(args, {})).toThrow(sentence)
  })

  test('help names every option', () => {
    expect(parseOptions(['--help'], {})).toEqual({ print: 'help' })
    expect(parseOptions(['--version'], {})).toEqual({ print: 'version' })
    expect(helpText()).toContain('--simulated-nodes N')
  })
})
