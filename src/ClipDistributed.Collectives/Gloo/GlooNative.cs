using System.Runtime.InteropServices;

namespace ClipDistributed.Collectives.Gloo;

/// <summary>native/clipd_gloo.h, one to one.</summary>
internal static unsafe partial class GlooNative
{
    private const string Library = "clipd_gloo";

    internal enum Status
    {
        Ok = 0,
        Failed = 1,
        Aborted = 2,
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Message(byte* text, nuint capacity)
    {
        private readonly byte* text = text;
        private readonly nuint capacity = capacity;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Store
    {
        public nint User;
        public delegate* unmanaged<nint, int, byte*, nuint, int> Set;
        public delegate* unmanaged<nint, int, byte*, nuint, nuint*, int> Get;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Status clipd_gloo_create(int rank, int world, string address, long timeout, out nint context, Message message);

    [LibraryImport(Library)]
    internal static partial Status clipd_gloo_connect(GlooContext context, Store* store, Message message);

    [LibraryImport(Library)]
    internal static partial Status clipd_gloo_allgatherv(GlooContext context, nint own, nint all, long* bytes, uint tag, Message message);

    [LibraryImport(Library)]
    internal static partial Status clipd_gloo_allreduce(
        GlooContext context,
        nint data,
        long count,
        ElementType type,
        uint tag,
        Message message
    );

    [LibraryImport(Library)]
    internal static partial Status clipd_gloo_broadcast(GlooContext context, nint data, long bytes, int root, uint tag, Message message);

    [LibraryImport(Library)]
    internal static partial void clipd_gloo_abort(GlooContext context);

    [LibraryImport(Library)]
    internal static partial void clipd_gloo_destroy(nint context);
}
