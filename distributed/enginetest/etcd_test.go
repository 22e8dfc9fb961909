package enginetest

import (
	"context"
	"errors"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/gocron-fixed/gocron/distributed/conformance"
	"github.com/gocron-fixed/gocron/distributed/etcd"
	"github.com/gocron-fixed/gocron/v2"
)

func etcdEngine(url string) conformance.Engine {
	addr := strings.TrimPrefix(url, "http://")
	return conformance.Engine{
		Name: "etcd", Addr: addr, RunLock: true, Herds: true, Elector: true, MinTTL: 2 * time.Second, NewNode: newEtcdNode,
		Leftovers: func(ctx context.Context, namespace string) (int, error) {
			client, err := newEtcdClient(addr)
			if err != nil {
				return 0, err
			}
			defer client.Close()
			found, err := client.Get(ctx, namespace, clientv3.WithPrefix(), clientv3.WithCountOnly())
			if err != nil {
				return 0, err
			}
			return int(found.Count), nil
		},
	}
}

func newEtcdClient(addr string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: []string{"http://" + addr}, DialTimeout: 5 * time.Second, Logger: zap.NewNop()})
}

func newEtcdNode(_ context.Context, c conformance.NodeConfig) (*conformance.Node, error) {
	client, err := newEtcdClient(c.Addr)
	if err != nil {
		return nil, err
	}
	options := []etcd.Option{
		etcd.WithNamespace(c.Namespace), etcd.WithKeep(c.Keep), etcd.WithTTL(c.TTL), etcd.WithRequestTimeout(c.Timeout),
	}
	if c.RunLock {
		options = append(options, etcd.WithRunLock())
	}
	locker, err := etcd.NewLocker(client, options...)
	if err != nil {
		return nil, err
	}
	node := &conformance.Node{Locker: gocron.ClaimerFrom(locker.Claim)}
	var elector *etcd.Elector
	if c.Elector {
		if elector, err = etcd.NewElector(client, "leader", options...); err != nil {
			return nil, err
		}
		node.Elector = elector
	}
	node.Close = func(ctx context.Context) error {
		if elector == nil {
			return client.Close()
		}
		return errors.Join(elector.Close(ctx), client.Close())
	}
	return node, nil
}
