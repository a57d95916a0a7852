#include "runtime/workspace.hpp"

#include <utility>

#include "runtime/error.hpp"

namespace axnn {

void* Workspace::take_bytes(size_t bytes) {
    require(bytes <= capacity - used_, AXNN_ERROR_INTERNAL, "a job needs more than ", capacity,
            " bytes of scratch");
    void* result = memory_.data() + used_;
    used_ += rounded(bytes);
    return result;
}

void WorkspacePool::lend(std::vector<std::unique_ptr<Workspace>>& workspaces, size_t count) {
    workspaces.reserve(count);
    {
        std::lock_guard lock(mutex_);
        while (workspaces.size() < count && !idle_.empty()) {
            workspaces.push_back(std::move(idle_.back()));
            idle_.pop_back();
        }
    }
    while (workspaces.size() < count) workspaces.push_back(std::make_unique<Workspace>());
}

void WorkspacePool::give_back(std::vector<std::unique_ptr<Workspace>>& workspaces) {
    std::lock_guard lock(mutex_);
    for (auto& workspace : workspaces)
        if (idle_.size() < kept_) idle_.push_back(std::move(workspace));
}

}  // namespace axnn
