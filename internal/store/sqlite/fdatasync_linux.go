package sqlite

/*
#include <unistd.h>

// SQLite syncs with fdatasync where it is built with HAVE_FDATASYNC, as every
// distribution builds it. go-sqlite3 is not built so and has no switch for it;
// this is the fsync that it is linked with. After its first round the WAL is
// written in place, and fsync has the file system commit the time of each write
// besides.
int fsync(int fd) { return fdatasync(fd); }
*/
import "C"
