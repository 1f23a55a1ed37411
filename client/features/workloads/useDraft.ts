// The form that writes the text, and the text that may also be written by hand.
import { useState } from 'react'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { ingressClasses } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { beginningText } from './editing.ts'
import type { Way } from './editing.ts'
import { beginningDraft, manifestsText } from './manifests.ts'
import type { Draft } from './manifests.ts'

export interface Drafting {
  draft: Draft
  /** Names of the Ingress classes there are, the default first. */
  classes: readonly string[]
  /** What the form says as YAML. */
  text: string
  change: (change: Partial<Draft>) => string
  /** Whether nobody has written that text. */
  isUntouched: (text: string) => boolean
}

const isDefault = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'

/** The choices of a form for something new. Changing them gives the text that they are now. */
export function useDraft(namespace: string | null): Drafting {
  const [own, setOwn] = useState<Draft>(() => beginningDraft(namespace))
  const { data } = useObjects(ingressClasses)
  const classes = (data ?? [])
    .toSorted((a, b) => Number(isDefault(b)) - Number(isDefault(a)))
    .map(({ metadata }) => metadata.name ?? '')
  // One that names no class would be served by nobody.
  const classed = (draft: Draft): Draft => ({
    ...draft,
    ingressClass: draft.ingressClass || (classes[0] ?? ''),
  })
  const draft = classed(own)
  return {
    draft,
    classes,
    text: manifestsText(draft),
    change(change) {
      const next = { ...draft, ...change }
      setOwn(next)
      return manifestsText(classed(next))
    },
    isUntouched: (text) => text === manifestsText(classed(beginningDraft(namespace))),
  }
}

/** What the editor of something new begins with. */
export function firstText(way: Way, kind: Kind, namespace: string | null): string {
  return way === 'image' ? manifestsText(beginningDraft(namespace)) : beginningText(kind, namespace)
}
