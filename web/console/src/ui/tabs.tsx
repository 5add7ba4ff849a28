import { type ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs as Base } from 'react-aria-components'
import css from './ui.module.css'

/** Tabs shows one of several panels. */
export function Tabs({ label, tabs, selected, onSelect }: { label: string; tabs: { id: string; text: ReactNode; body: () => ReactNode }[]; selected: string; onSelect: (id: string) => void }) {
  return (
    <Base className={css.tabs} selectedKey={selected} onSelectionChange={(k) => onSelect(String(k))}>
      <TabList className={css.tabList} aria-label={label}>{tabs.map((x) => <Tab key={x.id} id={x.id} className={css.tab}>{x.text}</Tab>)}</TabList>
      {tabs.map((x) => <TabPanel key={x.id} id={x.id}>{x.body()}</TabPanel>)}
    </Base>
  )
}
