using ClipDistributed.Model.Native;
using ClipDistributed.Training.Tests.Member;

namespace ClipDistributed.Training.Tests.Tensors;

public sealed class OtherLibTorchTests
{
    /// <summary>Two of them in one process register every operator twice, and it ends.</summary>
    [Fact]
    public async Task Load_TrueCopy_IsTheOnlyLibTorchOfTheProcess()
    {
        using var folder = new TemporaryFolder();
        // Not links: the dynamic linker knows those for the same file.
        foreach (string library in Directory.EnumerateFiles(LibTorchFolder.Open(null).Path))
            File.Copy(library, folder.File(Path.GetFileName(library)));
        using var member = new MemberProcess("libtorch", folder.Path);
        string[] printed = await member.EndAsync();
        Assert.Equal(OtherLibTorch.Training.Run(world: 1).Results.Select(result => $"loss {result.Loss:R}"), printed[..2]);
        Assert.Contains(folder.File("libtorch_cpu.so"), printed);
        Assert.All(printed[2..], library => Assert.Equal(folder.Path, Path.GetDirectoryName(library)));
    }
}
