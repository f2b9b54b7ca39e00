using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Data.Tests;

namespace ClipDistributed.Coordinator.Tests.Store.Databases;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private CoordinatorOptions Options => new() { StateDirectory = folder.File("state") };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_NewState_IsItsOwnersAlone()
    {
        using var database = StoreSchema.Open(Options);
        Assert.Equal(GuardedFile.OwnerOnlyFolder, File.GetUnixFileMode(folder.File("state")));
        Assert.All(Directory.GetFiles(folder.File("state")), file => Assert.Equal((file, GuardedFile.OwnerOnly), (file, File.GetUnixFileMode(file))));
    }

    [Fact]
    public void Open_StateThatAllCouldRead_IsItsOwnersAloneFromThenOn()
    {
        StoreSchema.Open(Options).Dispose();
        string file = folder.File("state/coordinator.db");
        File.SetUnixFileMode(file, GuardedFile.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        StoreSchema.Open(Options).Dispose();
        Assert.Equal(GuardedFile.OwnerOnly, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData(".lock")]
    [InlineData("coordinator.db")]
    public void Open_LinkInItsPlace_IsRefusedAndItsTargetStays(string name)
    {
        Directory.CreateDirectory(folder.File("state"));
        File.WriteAllText(folder.File("passwd"), "");
        File.CreateSymbolicLink(folder.File($"state/{name}"), folder.File("passwd"));
        var refused = Assert.Throws<BadInputException>(() => StoreSchema.Open(Options));
        Assert.Contains("is a symbolic link", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(folder.File("passwd")).Length);
    }
}
