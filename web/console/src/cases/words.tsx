import { $api, useAccount, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, type Tone } from '../ui'

export type Case = Schemas['IntakeCase']

const tones: Record<string, Tone> = {
  received: 'info', accepted: 'info', in_review: 'accent', needs_material: 'warn', done: 'good', collected: 'good', not_accepted: 'plain', refused: 'plain', withdrawn: 'plain', other: 'warn',
}

export function CaseBadge({ state }: { state: string }) {
  const word = useWords()
  return <Badge tone={tones[state] ?? 'plain'}>{word('IntakeCaseState', state)}</Badge>
}

/** useCaseName is what a case is called: its item, or that it is sensitive to who is not told more. */
export function useCaseName() {
  const t = useT()
  return (c: Case) => c.item?.name ?? t('敏感事项', 'A sensitive matter')
}

/** useStations are the service stations, by name. */
export function useStations() {
  const { data } = $api.useQuery('get', '/v1/stations', { params: { query: { limit: 200 } } }, { staleTime: 300_000 })
  return data?.items ?? []
}

/** useCounter tells who works at a counter: they open tickets of cases, note trips and see applicants. */
export const useCounter = () => useAccount().roles.some((r) => r === 'counter_worker' || r === 'admin')
