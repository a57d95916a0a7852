#include "runtime/workspace.hpp"

#include "runtime/error.hpp"

namespace axnn {

void* Workspace::take_bytes(size_t bytes) {
    require(bytes <= capacity - used_, AXNN_ERROR_INTERNAL, "a job needs more than ", capacity,
            " bytes of scratch");
    void* result = memory_.data() + used_;
    used_ += rounded(bytes);
    return result;
}

WorkspacePool::Lease WorkspacePool::lease() {
    std::unique_ptr<Workspace> workspace;
    {
        std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            workspace = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!workspace) workspace = std::make_unique<Workspace>();
    return {*this, std::move(workspace)};
}

void WorkspacePool::give_back(std::unique_ptr<Workspace> workspace) {
    std::lock_guard lock(mutex_);
    if (idle_.size() < kept_) idle_.push_back(std::move(workspace));
}

}  // namespace axnn
