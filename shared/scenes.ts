// The scenes: each puts real objects into a namespace of its own and shows one thing; ending it deletes the namespace.

export const SCENES = [
  'badRelease',
  'autoscaling',
  'vertical',
  'mandelbrot',
  'memory',
  'fanOut',
  'proxies',
] as const
export type SceneName = (typeof SCENES)[number]

/** On a scene's Namespace: which scene it is. */
export const SCENE_LABEL = 'podium.dev/scene'

export interface SceneWords {
  title: string
  /** What a press does, and what it leaves. */
  does: string
  /** The view on which it plays. */
  view: '/' | '/cluster' | '/traffic'
  namespace: string
}

/** What the browser offers and what the stage says, in one place. */
export const SCENE_WORDS: Readonly<Record<SceneName, SceneWords>> = {
  badRelease: {
    title: 'Bad release',
    does: 'The demo’s servers get v3, which crashes. The update pauses by itself; rolling back, or ending the scene, loses nothing.',
    view: '/',
    namespace: 'scene-bad-release',
  },
  autoscaling: {
    title: 'Autoscaling under load',
    does: 'A shop of one pod gets a step of load for a minute; its HorizontalPodAutoscaler answers.',
    view: '/cluster',
    namespace: 'scene-autoscaling',
  },
  vertical: {
    title: 'Vertical autoscaling',
    does: 'Two pods ask for too little processor; a VerticalPodAutoscaler recreates them with what they use, within minutes.',
    view: '/cluster',
    namespace: 'scene-vertical',
  },
  mandelbrot: {
    title: 'Mandelbrot job',
    does: 'An Indexed Job paints a picture: twenty bands, four pods at a time.',
    view: '/cluster',
    namespace: 'scene-mandelbrot',
  },
  memory: {
    title: 'Memory hogs',
    does: 'Pods take the real memory of one node until it runs short: one is killed at its limit, others are evicted.',
    view: '/cluster',
    namespace: 'scene-memory',
  },
  fanOut: {
    title: 'Ingress fan-out',
    does: 'One host, two paths, two Services, and a rule whose Service is missing, under load.',
    view: '/traffic',
    namespace: 'scene-fan-out',
  },
  proxies: {
    title: 'Compare the proxies',
    does: 'Sends the same load through userspace and iptables, one after the other; the whole cluster switches mode, and back.',
    view: '/traffic',
    namespace: 'scene-proxies',
  },
}

/** The scene a Namespace belongs to; undefined for any other. */
export function sceneOf(
  labels: Readonly<Record<string, string>> | undefined,
): SceneName | undefined {
  const name = labels?.[SCENE_LABEL]
  return SCENES.find((scene) => scene === name)
}
