import { $api, useAccount, type Schemas } from '../api'
import { useT } from '../i18n'
import { Select, useFilters, type Option } from '../ui'

const options = (list: { code: string; name: string }[]): Option[] => list.map((a) => ({ id: a.code, text: a.name }))

// Who works beyond the cells they are posted in.
const wide = ['grid_lead', 'community_manager', 'dispatcher', 'street_manager', 'admin']

/** useReach is the area that the reader's work lies in: their widest grant, or the street of where they are posted. */
function useReach() {
  const { grants } = useAccount()
  return grants.map((g) => g.area).filter((a) => a !== null).sort((a, b) => a.code.length - b.code.length)[0]
}

/** streetOf is the street that a code lies in; empty for what lies above streets. */
export const streetOf = (code: string) => (code.length >= 9 ? code.slice(0, 9) : '')

/** useStreet is the street of what is looked at, by the filter `area` or else by where the reader works. */
export function useStreet() {
  const reach = useReach()
  const { get } = useFilters()
  return streetOf(get('area')) || streetOf(reach?.code ?? '')
}

/** useCells are the cells of a community with their staff. */
export function useCells(community: string) {
  const cells = $api.useQuery('get', '/v1/cells', { params: { query: { area: community, limit: 500 } } }, { enabled: community.length === 12, staleTime: 300_000 })
  return (cells.data as { items: Schemas['Cell'][] } | undefined)?.items // not GeoJSON, which was not asked for
}

/** useCommunity is the chosen community, or the one that the reader works in. */
export function useCommunity() {
  const reach = useReach()
  const account = useAccount()
  const { get } = useFilters()
  const posted = account.posts.map((p) => p.cell.code.slice(0, 12))
  const own = reach?.code.length === 12 ? reach.code : new Set(posted).size === 1 ? posted[0]! : ''
  return get('area').length === 12 ? get('area') : own
}

/**
 * AreaFilter narrows by street, community and cell as far as the reader's work reaches: `area` and `cell` of the address.
 */
export function AreaFilter({ cells = true }: { cells?: boolean }) {
  const t = useT()
  const { get, put } = useFilters()
  const account = useAccount()
  const reach = useReach()
  const street = useStreet()
  const community = useCommunity()
  const above = !reach || reach.code.length < 9
  const streets = $api.useQuery('get', '/v1/areas', { params: { query: { level: 'street', limit: 500 } } }, { enabled: above, staleTime: 300_000 })
  const communities = $api.useQuery('get', '/v1/areas', { params: { query: { parent: street, limit: 500 } } }, { enabled: street !== '' && reach?.code.length !== 12, staleTime: 300_000 })
  const grid = useCells(cells ? community : '')
  const all = { id: '', text: t('全部', 'All') }
  if (!account.roles.some((r) => wide.includes(r)))
    return account.posts.length > 0 && <Select label={t('网格', 'Cell')} value={get('cell')} onChange={(cell) => put({ cell })} options={[all, ...options(account.posts.map((p) => p.cell))]} />
  return (
    <>
      {above && (
        <Select label={t('街道', 'Street')} value={street} onChange={(area) => put({ area, cell: '' })}
          options={[all, ...options((streets.data?.items ?? []).filter((a) => a.code.startsWith(reach?.code ?? '')))]} />
      )}
      {reach?.code.length !== 12 && street && (
        <Select label={t('社区', 'Community')} value={get('area').length === 12 ? get('area') : ''} onChange={(c) => put({ area: c || (above ? street : ''), cell: '' })}
          options={[all, ...options(communities.data?.items ?? [])]} />
      )}
      {cells && grid && (
        <Select label={t('网格', 'Cell')} value={get('cell')} onChange={(cell) => put({ cell })} options={[all, ...options(grid)]} />
      )}
    </>
  )
}
