using ClipDistributed.Collectives.Cuda;

namespace ClipDistributed.Collectives.Staging;

/// <summary>Memory of the host that the device copies to and from without waiting, kept for the next operation. From any thread.</summary>
internal sealed class PinnedBuffers(CudaRuntime cuda) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<PinnedBuffer> free = [];

    /// <returns>The smallest free one that has as many bytes, or a new one.</returns>
    public PinnedBuffer Take(string operation, long bytes)
    {
        lock (gate)
        {
            var found = free.Where(buffer => buffer.Bytes >= bytes).MinBy(buffer => buffer.Bytes);
            if (found is not null)
            {
                free.Remove(found);
                return found;
            }
        }
        long size = Math.Max(1, bytes);
        return new PinnedBuffer(cuda.AllocateHost(operation, size), size);
    }

    public void Return(PinnedBuffer buffer)
    {
        lock (gate)
            free.Add(buffer);
    }

    public void Dispose()
    {
        foreach (var buffer in free)
            cuda.FreeHost(buffer.Address);
        free.Clear();
    }
}

internal sealed record PinnedBuffer(nint Address, long Bytes);
