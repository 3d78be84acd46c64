#pragma once
// Which of our children have an owner (a Process, which waits for them itself). All others are adopted
// orphans. This is state of the operating system's process, hence one set for all. Loop thread only.

namespace deis::process {

void remember_owned(int pid);
void forget_owned(int pid);

}  // namespace deis::process
