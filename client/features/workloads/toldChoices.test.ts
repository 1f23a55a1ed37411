import { expect, test } from 'vitest'
import { toldChoices } from './toldChoices.ts'

test.each([
  ['Restart policy. One of Always, OnFailure, Never. Default to Always.', 'Always OnFailure Never'],
  ['Must be UDP, TCP, or SCTP. Defaults to "TCP".', 'UDP TCP SCTP'],
  ['Supports "ClientIP" and "None". Used to keep clients.', 'ClientIP None'],
  [
    'It can be `NonIndexed` (default) or `Indexed`.\n\n`NonIndexed` means more.',
    'NonIndexed Indexed',
  ],
  ['Should be one of "Object", "Pods" or "Resource", each with its field.', 'Object Pods Resource'],
  ['Valid values are:\n\n- "Allow" (default): both run;\n- "Forbid": waits', 'Allow Forbid'],
  [
    'can be one of the following values: * Exact: the whole path. * Prefix: by parts',
    'Exact Prefix',
  ],
  [
    'Allowed values are NoSchedule, PreferNoSchedule and NoExecute.',
    'NoSchedule PreferNoSchedule NoExecute',
  ],
  ['Valid options are:\n\nLocalhost - of the node.\nUnconfined - none.', 'Localhost Unconfined'],
])('%s', (description, choices) => {
  expect(toldChoices(description)).toEqual(choices.split(' '))
})

test.each([
  'Valid values are "None", empty string (""), or a valid IP address.',
  'Must be a DNS_LABEL. Cannot be updated.',
  'Names can be long.',
  'One of Localhost-profile.',
  '',
])('no values: %s', (description) => {
  expect(toldChoices(description)).toEqual([])
})
