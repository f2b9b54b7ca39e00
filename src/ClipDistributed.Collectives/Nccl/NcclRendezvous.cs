using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Collectives.Nccl;

/// <summary>What rank 0 leaves for the others: NCCL's id of the group, and the version that made it.</summary>
internal static unsafe class NcclRendezvous
{
    private const string Key = "nccl/id";
    private const int IdBytes = 128;

    /// <exception cref="BadInputException">Rank 0 has another version of NCCL; their protocols differ.</exception>
    /// <exception cref="CollectiveException">Rank 0 did not come in time, or the wait was cancelled.</exception>
    public static NcclLibrary.UniqueId Exchange(
        NcclOptions options, NcclLibrary nccl, IRendezvous rendezvous, CancellationToken cancel)
    {
        NcclLibrary.UniqueId id = default;
        var bytes = MemoryMarshal.AsBytes(new Span<NcclLibrary.UniqueId>(ref id));
        int version = nccl.Version();
        if (options.Rank == 0)
        {
            int result = nccl.ncclGetUniqueId(&id);
            if (result != NcclLibrary.Success)
                throw Failed(options, nccl.Describe(result));
            rendezvous.Set(Key, Message(bytes, version));
            return id;
        }
        byte[] found = rendezvous.Find(Key, options.Timeout, cancel)
            ?? throw Failed(options, cancel.IsCancellationRequested ? "the group was aborted" : "rank 0 did not come");
        if (found.Length != IdBytes + sizeof(int))
            throw Failed(options, $"rank 0 published an id of {Counted.Of(found.Length, "byte")}");
        int theirs = BinaryPrimitives.ReadInt32LittleEndian(found.AsSpan(IdBytes));
        if (theirs != version)
            throw new BadInputException(
                $"Rank 0 has NCCL {NcclLibrary.Text(theirs)}, this replica {NcclLibrary.Text(version)} ({nccl.Path}); install the same "
                    + "version on all hosts."
            );
        found.AsSpan(0, IdBytes).CopyTo(bytes);
        return id;
    }

    private static byte[] Message(ReadOnlySpan<byte> id, int version)
    {
        byte[] message = [.. id, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(IdBytes), version);
        return message;
    }

    private static CollectiveException Failed(NcclOptions options, string detail) => new("connect", options.Name, detail);
}
