using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace ClipDistributed.Collectives.Gloo;

/// <summary>The rendezvous as the shim calls it, on the thread that connects. What it throws is kept, and thrown again above the
/// shim.</summary>
internal sealed unsafe class GlooStore(IRendezvous rendezvous, TimeSpan timeout, CancellationToken cancel) : IDisposable
{
    private GCHandle self;
    private ExceptionDispatchInfo? failure;

    public GlooNative.Store Native()
    {
        self = GCHandle.Alloc(this);
        return new GlooNative.Store { User = GCHandle.ToIntPtr(self), Set = &Set, Get = &Get };
    }

    public void ThrowIfFailed() => failure?.Throw();

    public void Dispose()
    {
        if (self.IsAllocated)
            self.Free();
    }

    [UnmanagedCallersOnly]
    private static int Set(nint user, int rank, byte* value, nuint length) =>
        Guard(user, store =>
        {
            store.Publish(Key(rank), new ReadOnlySpan<byte>(value, (int)length).ToArray());
            return true;
        });

    [UnmanagedCallersOnly]
    private static int Get(nint user, int rank, byte* value, nuint capacity, nuint* length) =>
        Guard(user, store =>
        {
            if (store.Find(Key(rank)) is not { } found)
                return false;
            *length = (nuint)found.Length;
            if ((nuint)found.Length <= capacity)
                found.CopyTo(new Span<byte>(value, (int)capacity));
            return true;
        });

    private static int Guard(nint user, Func<GlooStore, bool> call)
    {
        var store = (GlooStore)GCHandle.FromIntPtr(user).Target!;
        try
        {
            return call(store) ? 0 : 1;
        }
        catch (Exception thrown)
        {
            store.failure = ExceptionDispatchInfo.Capture(thrown);
            return 1;
        }
    }

    private static string Key(int rank) => $"gloo/{rank}";

    private void Publish(string key, byte[] value) => rendezvous.Set(key, value);

    private byte[]? Find(string key) => rendezvous.Find(key, timeout, cancel);
}
