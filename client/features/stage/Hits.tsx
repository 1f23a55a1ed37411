import { useEffect, useRef } from 'react'
import { hitOf } from '../../canvas/hit.ts'
import type { Hit } from '../../canvas/hit.ts'
import type { Scene } from '../../canvas/scene.ts'
import { podsStore, stores } from '../../live/live.ts'
import { select } from '../../live/selection.ts'
import type { Selection } from '../../live/selection.ts'

/** What a hit means in the cluster; null for what has gone since it was drawn. */
function selectionOf(hit: Hit): Selection | null {
  if (hit.kind === 'node') return { kind: 'nodes', namespace: null, name: hit.name }
  if (hit.kind === 'service') {
    const [service] = stores.feed.list('service')
    return service ? namespaced('services', service.key) : null
  }
  const pod = podsStore.getAll().values()
  for (const { uid, key } of pod) if (uid === hit.uid) return namespaced('pods', key)
  return null
}

function namespaced(kind: string, key: string): Selection | null {
  const [namespace, name] = key.split('/')
  return namespace && name ? { kind, namespace, name } : null
}

/** Makes tiles, loadbots, the Service and node labels look into what they show. By keyboard it is the palette that does. */
export function Hits({ scene, unit }: { scene: Scene; unit: number }) {
  const mark = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const flow = mark.current?.parentElement
    if (!flow) return undefined
    const hitUnder = ({ clientX, clientY }: MouseEvent): Hit | null => {
      const { left, top } = flow.getBoundingClientRect()
      return hitOf(scene, (clientX - left) / unit, (clientY - top) / unit)
    }
    const onClick = (event: MouseEvent): void => {
      const hit = hitUnder(event)
      const selection = hit && selectionOf(hit)
      if (selection) select(selection)
    }
    const onMove = (event: MouseEvent): void => {
      flow.style.cursor = hitUnder(event) ? 'pointer' : ''
    }
    flow.addEventListener('click', onClick)
    flow.addEventListener('mousemove', onMove)
    return () => {
      flow.removeEventListener('click', onClick)
      flow.removeEventListener('mousemove', onMove)
    }
  }, [scene, unit])
  return <div ref={mark} hidden />
}
