import { $api } from '../api'

/** useStart is where the map begins: the middle of all cells. */
export const useStart = () =>
  $api.useQuery('get', '/public/map/{layer}.json', { params: { path: { layer: 'cells' } } }, { staleTime: Infinity, select: (d) => ({ center: (d.center ?? [120.62, 31.31, 11]) as [number, number, number] }) })
