using System.Runtime.InteropServices;
using ClipDistributed.Collectives;
using ClipDistributed.Model.Layers;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tensors;

/// <summary>Collective operations on contiguous tensors; the group itself knows addresses only.</summary>
public static partial class TensorCollectives
{
    /// <summary>The elements of all members in rank order, one-dimensional.</summary>
    /// <param name="counts">Elements of every member.</param>
    public static Tensor AllGather(this ICollective group, Tensor own, long[] counts)
    {
        var all = empty([counts.Sum()], own.dtype, own.device);
        if (group.World == 1) // where it lies: a world of one has no engine that reaches the memory of a GPU
        {
            using var flat = own.view(-1);
            all.copy_(flat);
        }
        else if (own.dtype == ScalarType.Float64) // nothing is computed on the way, so bytes will do
            group.AllGather(Address(own), Address(all), [.. counts.Select(count => count * sizeof(double))], ElementType.Byte);
        else
            group.AllGather(Address(own), Address(all), counts, TypeOf(own));
        return all;
    }

    public static ICollectiveWork StartAllReduce(this ICollective group, Tensor data) =>
        group.StartAllReduce(Address(data), data.numel(), TypeOf(data));

    public static void Broadcast(this ICollective group, Tensor data, int root) =>
        group.Broadcast(Address(data), data.numel(), TypeOf(data), root);

    /// <summary>A value of every member, in rank order.</summary>
    public static unsafe T[] AllGather<T>(this ICollective group, T own, Device device) where T : unmanaged
    {
        if (group.World == 1)
            return [own];
        using var scope = NewDisposeScope();
        var mine = empty([sizeof(T)], ScalarType.Byte);
        fixed (byte* target = mine.bytes)
            *(T*)target = own;
        var all = group.AllGather(HostData.Send(mine, device), [.. Enumerable.Repeat((long)sizeof(T), group.World)]);
        fixed (byte* source = all.cpu().bytes)
            return new ReadOnlySpan<T>(source, group.World).ToArray();
    }

    private static nint Address(Tensor data) =>
        data.is_contiguous()
            ? THSTensor_data(data.Handle)
            : throw new ArgumentException("A collective needs contiguous memory.", nameof(data));

    private static ElementType TypeOf(Tensor data) => data.dtype switch
    {
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.BFloat16 => ElementType.BFloat16,
        ScalarType.Byte => ElementType.Byte,
        _ => throw new ArgumentException($"{data.dtype} has no collective operation.", nameof(data)),
    };

    // TorchSharp itself gives the addresses of tensors on the CPU only.
    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
