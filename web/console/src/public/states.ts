import type { Colours } from '../map/colours'

/** Stage is what a state comes to for who lives there: it waits, somebody is at it, or it is done. */
export type Stage = 'waiting' | 'working' | 'done'

const stages: Record<Stage, string[]> = {
  waiting: ['reported', 'awaiting_reporter'],
  working: ['accepted', 'dispatched', 'in_progress', 'suspended'],
  done: ['resolved', 'closed'],
}

/** statesOf are the states of a stage, of which the done ones are named: what comes to be is being worked on. */
export const doneStates = stages.done
export const waitingStates = stages.waiting

export const stageOf = (state: string): Stage => (stages.waiting.includes(state) ? 'waiting' : stages.done.includes(state) ? 'done' : 'working')

export const tones = { waiting: 'warn', working: 'info', done: 'good' } as const

/** stageColours tell them apart for whoever sees colours otherwise too: by how light they are, and done ones are hollow. */
export const stageColours = (c: Colours) => ({ waiting: c.waiting, working: c.working, done: c.surface })
