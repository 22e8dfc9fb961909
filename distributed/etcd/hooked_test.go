package etcd

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// A hookedKV does every transaction, and has its answer pass through a hook.
type hookedKV struct {
	clientv3.KV
	hook func(*clientv3.TxnResponse, error) (*clientv3.TxnResponse, error)
}

type hookedTxn struct {
	clientv3.Txn
	kv *hookedKV
}

func (kv *hookedKV) Txn(ctx context.Context) clientv3.Txn {
	return hookedTxn{kv.KV.Txn(ctx), kv}
}

func (t hookedTxn) If(c ...clientv3.Cmp) clientv3.Txn  { return hookedTxn{t.Txn.If(c...), t.kv} }
func (t hookedTxn) Then(o ...clientv3.Op) clientv3.Txn { return hookedTxn{t.Txn.Then(o...), t.kv} }
func (t hookedTxn) Else(o ...clientv3.Op) clientv3.Txn { return hookedTxn{t.Txn.Else(o...), t.kv} }

func (t hookedTxn) Commit() (*clientv3.TxnResponse, error) {
	return t.kv.hook(t.Txn.Commit())
}
