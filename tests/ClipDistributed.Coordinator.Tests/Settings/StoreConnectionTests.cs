using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Tests.Settings;

public class StoreConnectionTests
{
    [Theory]
    [InlineData("Host=db;Password=geheim", "--store holds a password, which all users of this machine can see in the list of processes")]
    [InlineData("Database=clipd", "The store's connection string names no host")]
    [InlineData("postgres://clipd:geheim@db/clipd", "The store's connection string cannot be read")]
    [InlineData("Host=db;Port=geheim", "The store's connection string cannot be read")]
    [InlineData("@/nowhere/store", "--store: /nowhere/store does not exist")]
    public void FromOption_CannotBeUsed_IsRefusedWithoutSecrets(string given, string start)
    {
        var refused = Assert.Throws<BadInputException>(() => StoreConnection.FromOption(given));
        Assert.StartsWith(start, Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FromOption_File_MayHoldThePassword()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("store"), "Host=db;Database=clipd;Username=clipd;Password=geheim\n");
        var connection = StoreConnection.FromOption($"@{folder.File("store")}");
        Assert.Equal(("geheim", "PostgreSQL at db:5432, database clipd"), (connection.Settings.Password, connection.ToString()));
    }
}
