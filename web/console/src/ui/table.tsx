import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, type ReactNode } from 'react'
import { useT } from '../i18n'
import { Button } from './button'
import { Checkbox } from './fields'
import { useNarrow, usePrinting } from './narrow'
import css from './table.module.css'

/** Column of a table; it shows null for what a row has not. `main` is the one that says what the row is: on a phone it stands above the others. */
export type Column<R> = { id: string; name: string; width: string; main?: boolean; end?: boolean; show: (row: R) => ReactNode }

type Props<R> = {
  label: string
  columns: Column<R>[]
  rows: R[]
  idOf: (row: R) => string
  nameOf?: (row: R) => string
  more?: () => void
  loading?: boolean
  chosen?: Set<string>
  onChoose?: (chosen: Set<string>) => void
}

/** Table is a list of things as a table, of which only what is in view is in the document; on a phone it is a list of cards. */
export function Table<R>(props: Props<R>) {
  const narrow = useNarrow()
  const printing = usePrinting()
  return (
    <div className={css.frame}>
      {printing ? <Paper {...props} /> : narrow ? <Cards {...props} /> : <Grid {...props} />}
      {props.more && <More more={props.more} loading={props.loading} />}
    </div>
  )
}

function More({ more, loading }: { more: () => void; loading?: boolean }) {
  const t = useT()
  return <div className={`${css.more} noprint`}><Button size="small" onPress={more} isPending={loading}>{t('加载更多', 'Load more')}</Button></div>
}

function toggled(chosen: Set<string>, id: string) {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}

function Grid<R>({ label, columns, rows, idOf, nameOf, chosen, onChoose }: Props<R>) {
  const t = useT()
  const frame = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => 41, overscan: 12 })
  // Rows are as wide as the least that their columns ask for, so that those of all of them stand below one another.
  const widths = [...(onChoose ? ['44px'] : []), ...columns.map((c) => c.width)]
  const grid = { gridTemplateColumns: widths.join(' '), minWidth: widths.reduce((sum, w) => sum + Number(/([\d.]+)px/.exec(w)?.[1] ?? 80), 0) }
  const all = rows.length > 0 && rows.every((r) => chosen?.has(idOf(r)))
  return (
    <div className={css.scroll} ref={frame} role="table" aria-label={label} aria-rowcount={rows.length + 1} tabIndex={0}>
      <div role="rowgroup">
        <div className={css.head} style={grid} role="row" aria-rowindex={1}>
          {onChoose && (
            <span role="columnheader">
              <Checkbox aria-label={t('全选', 'Select all')} isSelected={all} isIndeterminate={!all && !!chosen?.size} onChange={() => onChoose(all ? new Set() : new Set(rows.map(idOf)))} />
            </span>
          )}
          {columns.map((c) => <span key={c.id} role="columnheader" className={c.end ? css.end : undefined}>{c.name}</span>)}
        </div>
      </div>
      <div className={css.body} role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth: grid.minWidth }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!
          const id = idOf(row)
          return (
            <div key={id} role="row" aria-rowindex={item.index + 2} aria-selected={chosen?.has(id)} className={css.row}
              style={{ ...grid, position: 'absolute', top: 0, left: 0, right: 0, height: item.size, transform: `translateY(${item.start}px)` }}>
              {onChoose && (
                <span role="cell"><Checkbox aria-label={t('选择', 'Select') + ' ' + (nameOf?.(row) ?? id)} isSelected={chosen?.has(id) ?? false} onChange={() => onChoose(toggled(chosen ?? new Set(), id))} /></span>
              )}
              {columns.map((c) => <span key={c.id} role="cell" className={c.end ? css.end : undefined}>{c.show(row) ?? <span className="muted">—</span>}</span>)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Paper is the whole list as it is printed. */
function Paper<R>({ columns, rows, idOf }: Props<R>) {
  return (
    <table className={css.paper}>
      <thead><tr>{columns.map((c) => <th key={c.id} scope="col">{c.name}</th>)}</tr></thead>
      <tbody>{rows.map((row) => <tr key={idOf(row)}>{columns.map((c) => <td key={c.id} className={c.end ? css.end : undefined}>{c.show(row)}</td>)}</tr>)}</tbody>
    </table>
  )
}

function Cards<R>({ label, columns, rows, idOf, nameOf, chosen, onChoose }: Props<R>) {
  const t = useT()
  const main = columns.find((c) => c.main) ?? columns[0]!
  return (
    <ul className={css.cards} aria-label={label}>
      {rows.map((row) => {
        const id = idOf(row)
        return (
          <li key={id} className={css.cardRow}>
            <div className={css.cardTop}>
              <div>{main.show(row)}</div>
              {onChoose && <Checkbox aria-label={t('选择', 'Select') + ' ' + (nameOf?.(row) ?? id)} isSelected={chosen?.has(id) ?? false} onChange={() => onChoose(toggled(chosen ?? new Set(), id))} />}
            </div>
            <div className={css.cardFacts}>{columns.filter((c) => c !== main).map((c) => {
              const shown = c.show(row)
              return shown === null || shown === undefined ? null : <span key={c.id}>{shown}</span>
            })}</div>
          </li>
        )
      })}
    </ul>
  )
}
