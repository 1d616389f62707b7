@rem `npm run relay` begins with `exec`, so that on Linux and macOS no shell stands between npm and the relay
@rem and a planned stop ends with exit code 0. Windows has no `exec`: this is it.
@%*
