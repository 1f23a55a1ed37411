import { expect, test } from 'vitest'
import { isBelow, separateMounts } from './host-mounts.ts'

test('brings file systems of people, outer ones first, and none of the kernel', () => {
  const text = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:22 / /home/a\\040b rw,relatime shared:5 - xfs /dev/vdb rw
25 22 0:23 / /home rw - nfs4 server:/home rw
26 22 0:24 / /sys/fs/cgroup rw - tmpfs tmpfs rw
27 22 0:25 / /run rw - tmpfs tmpfs rw
28 22 0:26 / /tmp rw - tmpfs tmpfs rw
29 22 0:27 / /mnt/auto rw - autofs systemd-1 rw
`
  expect(separateMounts(text)).toEqual(['/home', '/home/a b'])
})

test.each([
  ['/a/b', '/a', true],
  ['/a', '/a', true],
  ['/ab', '/a', false],
  ['/a', '/', true],
])('%s below %s: %s', (file, folder, below) => {
  expect(isBelow(file, folder)).toBe(below)
})
