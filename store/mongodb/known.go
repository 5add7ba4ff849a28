package mongodb

import (
	"maps"
	"sync"

	"wangge/store"
)

// knownMost bounds the versions kept of a partition.
const knownMost = 1000

// document names one of a collection.
type document struct{ collection, id string }

// known are versions of journaled documents by partition, as this node's last
// commit there left them. Whoever changes one, on any node, counts a commit at
// the counter of its partition: as long as nobody else has, they still hold.
type known struct {
	mu sync.Mutex
	of map[string]*knownOf
}

type knownOf struct {
	commits  int64 // the counter's, with the last one that is known
	versions map[document]int64
}

// since returns what is known in a partition, where commits is the number of
// the transaction that asks; nothing when others have committed meanwhile.
func (k *known) since(partition string, commits int64, docs []document) map[document]int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := k.of[partition]
	if of == nil || of.commits != commits-1 {
		return nil
	}
	out := make(map[document]int64, len(docs))
	for _, doc := range docs {
		if v := of.versions[doc]; v != moved {
			out[doc] = v
		}
	}
	return out
}

// learn takes what a transaction saw and wrote in a partition, once it has committed.
func (k *known) learn(partition string, commits int64, versions map[document]int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := k.of[partition]
	switch {
	case of != nil && of.commits >= commits: // a later one was quicker to tell
		return
	case of == nil, of.commits != commits-1, len(of.versions)+len(versions) > knownMost:
		of = &knownOf{versions: map[document]int64{}}
		k.of[partition] = of
	}
	of.commits = commits
	maps.Copy(of.versions, versions)
}

// moved stands for the version of a document that has left the partition.
const moved = 0

// seen notes the version of a document that lies in a partition of the transaction.
func (t *tx) seen(spec *store.Spec, id, partition string, version int64) {
	if saw, ok := t.saw[partition]; ok && spec.Journaled {
		saw[document{spec.Name, id}] = version
	}
}

// wrote notes the version that a write leaves. The document may come from any of the other partitions.
func (t *tx) wrote(w store.Write) {
	for _, p := range t.partitions {
		t.seen(w.Spec, w.ID, p, moved)
	}
	partition, _ := w.Doc.Lookup("partition").StringValueOK()
	t.seen(w.Spec, w.ID, partition, w.Old+1)
}

// told keeps what the transaction leaves, for the next one.
func (t *tx) told() {
	for i, p := range t.partitions {
		t.engine.known.learn(p, t.commits[i], t.saw[p])
	}
}

// known returns the versions that this node knows to be still so.
func (t *tx) known(spec *store.Spec, ids []string) map[string]int64 {
	out := make(map[string]int64, len(ids))
	docs := make([]document, len(ids))
	for i, id := range ids {
		docs[i] = document{spec.Name, id}
	}
	for i, p := range t.partitions {
		for doc, v := range t.engine.known.since(p, t.commits[i], docs) {
			out[doc.id] = v
		}
	}
	return out
}
