// Package storetest puts a store of gocron through what any store must do: every sentence of
// gocron.Store, random programs beside a plain model, many callers at once, and crashes. It imports
// nothing of the root module; a store need not, either.
//
// A test says how an empty storage is made, and calls Run:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Kind{New: func(t testing.TB) storetest.Storage {
//			path := filepath.Join(t.TempDir(), "jobs.db")
//			return storetest.Storage{
//				Open: func(t testing.TB) storetest.Store {
//					store, err := mine.Open(path)
//					if err != nil {
//						t.Fatal(err)
//					}
//					return store
//				},
//				Close: func(t testing.TB, store storetest.Store) { store.(*mine.Store).Close() },
//			}
//		}})
//	}
//
// Run never asserts how long something takes. Benchmark measures that, with a million rows as well.
package storetest
