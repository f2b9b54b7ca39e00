using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Links;

namespace ClipDistributed.Contracts.Tests.Links;

public sealed class ClientTokenTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("http://127.0.0.1:7071")]
    [InlineData("https://10.0.0.1:7071")]
    public void Read_FileThatIsNamed_IsForEveryAddress(string address)
    {
        string text = TokenText.New().Text;
        SecretFile.Write(folder.File("token"), text);
        Assert.Equal(text, new ClientToken(folder.File("token")).Read(address));
    }

    /// <summary>What a provider of OpenID Connect has signed is sent as it is.</summary>
    [Fact]
    public void Read_TokenOfAProvider_IsSent()
    {
        SecretFile.Write(folder.File("token"), "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln_-bmF0dXJl");
        Assert.StartsWith("eyJ", new ClientToken(folder.File("token")).Read("https://10.0.0.1:7071"), StringComparison.Ordinal);
        foreach (string other in (string[])["a.b", "a..c", "a.b.c.d", "a.b c.d", "a.b.c="])
        {
            SecretFile.Write(folder.File("token"), other);
            Assert.Throws<BadInputException>(() => new ClientToken(folder.File("token")).Read("https://10.0.0.1:7071"));
        }
    }

    /// <summary>The token of this machine, which nobody named, is never sent to another one.</summary>
    [Theory]
    [InlineData("http://10.0.0.1:7071")]
    [InlineData("http://example.org:7071")]
    [InlineData("http://localhost.example.org:7071")]
    [InlineData("http://127.0.0.1.example.org:7071")]
    [InlineData("http://127.0.0.1@example.org:7071")]
    public void Read_NoFileIsNamedAndTheAddressIsOfAnotherMachine_IsNone(string address)
    {
        using var home = LocalToken();
        Assert.NotNull(new ClientToken(null).Read("http://127.0.0.1:7071"));
        Assert.NotNull(new ClientToken(null).Read("http://localhost:7071"));
        Assert.NotNull(new ClientToken(null).Read("http://[::1]:7071"));
        Assert.Null(new ClientToken(null).Read(address));
    }

    [Fact]
    public void Read_FileThatHoldsNone_IsRefusedWithoutItsText()
    {
        File.WriteAllText(folder.File("token"), "geheim\n");
        var refused = Assert.Throws<BadInputException>(() => new ClientToken(folder.File("token")).Read("http://127.0.0.1:7071"));
        Assert.Contains("holds no token on its first line", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileThatIsNotThere_IsRefusedWithACommand()
    {
        var refused = Assert.Throws<BadInputException>(() => new ClientToken(folder.File("none")).Read("http://127.0.0.1:7071"));
        Assert.EndsWith(
            $"clipd token create --out {folder.File("none")} makes one.", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FileIsThere_IsReplacedForItsOwnerAlone()
    {
        File.WriteAllText(folder.File("token"), "old");
        SecretFile.Write(folder.File("token"), "new");
        string file = folder.File("token");
        Assert.Equal(("new", GuardedFile.OwnerOnly), (SecretFile.TryRead(file), File.GetUnixFileMode(file)));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A home with a token of a coordinator.</summary>
    private Restored LocalToken()
    {
        var restored = new Restored("XDG_DATA_HOME", folder.Path);
        Directory.CreateDirectory(StateFolder.Default);
        SecretFile.Write(StateFolder.TokenIn(StateFolder.Default), TokenText.New().Text);
        return restored;
    }

    private sealed class Restored : IDisposable
    {
        private readonly string name;
        private readonly string? before;

        public Restored(string name, string value)
        {
            (this.name, before) = (name, Environment.GetEnvironmentVariable(name));
            Environment.SetEnvironmentVariable(name, value);
        }

        public void Dispose() => Environment.SetEnvironmentVariable(name, before);
    }
}
