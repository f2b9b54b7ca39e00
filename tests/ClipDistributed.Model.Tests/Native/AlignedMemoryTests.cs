using System.Runtime.InteropServices;

namespace ClipDistributed.Model.Tests.Native;

/// <summary>native/clipd_memory.c, called as libtorch calls it.</summary>
public sealed unsafe class AlignedMemoryTests
{
    private const int InvalidArgument = 22, NoMemory = 12;

    private static readonly delegate* unmanaged<nint*, nuint, nuint, int> Allocate = (delegate* unmanaged<nint*, nuint, nuint, int>)
        NativeLibrary.GetExport(NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "libclipd_memory.so")), "posix_memalign");

    [Fact]
    public void PosixMemalign_AnySizeAndOrder_IsAlignedAndHoldsWhatIsWritten()
    {
        var random = new Random(1);
        var held = new List<(nint Start, int Size, byte Mark)>();
        for (int i = 0; i < 5_000; i++)
        {
            if (held.Count > 50)
                Release(held, random.Next(held.Count));
            int size = random.Next(2) == 0 ? random.Next(1, 8_192) : 64 * random.Next(1, 20_000);
            nint start;
            Assert.Equal(0, Allocate(&start, 64, (nuint)size));
            Assert.Equal(0, start % 64);
            new Span<byte>((void*)start, size).Fill((byte)i);
            held.Add((start, size, (byte)i));
        }
        while (held.Count > 0)
            Release(held, 0);
    }

    [Theory]
    [InlineData(3, 64, InvalidArgument)]
    [InlineData(4, 64, InvalidArgument)]
    [InlineData(64, -1, NoMemory)]
    public void PosixMemalign_ImpossibleRequest_ReturnsTheError(int alignment, long size, int error)
    {
        nint start;
        Assert.Equal(error, Allocate(&start, (nuint)alignment, (nuint)size));
    }

    private static void Release(List<(nint Start, int Size, byte Mark)> held, int index)
    {
        var (start, size, mark) = held[index];
        Assert.Equal(-1, new Span<byte>((void*)start, size).IndexOfAnyExcept(mark));
        NativeMemory.Free((void*)start);
        held.RemoveAt(index);
    }
}
