using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Links;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Tests.Links;

public sealed class AuditValuesTests
{
    [Theory]
    [InlineData("demo-1", "demo-1")] // the target's text, in another field
    [InlineData("a\", host=\"b", "a\\\", host=\\\"b")]
    [InlineData("a\r\nforged \u001b[31m line", "a\\r\\nforged \\u001B[31m line")]
    [InlineData("Grüße", "Grüße")]
    public void Of_Texts_CannotPassForAnything(string owner, string expected) => Assert.Equal(
        $"role=Viewer, owner=\"{expected}\"",
        Of("CreateToken", AdminServiceReflection.Descriptor, new CreateTokenRequest { Role = Role.Viewer, Owner = owner }));

    [Fact]
    public void Of_TargetsField_IsLeftOutAndOthersOfItsTextAreNot() => Assert.Equal(
        "min_replicas=2",
        Of("ScaleRun", ControlServiceReflection.Descriptor, new ScaleRunRequest { RunId = "2", MinReplicas = 2 }));

    [Fact]
    public void Of_LongText_LeavesRoomForTheOthers()
    {
        string given = Of(
            "CreateToken", AdminServiceReflection.Descriptor, new CreateTokenRequest { Owner = new string('a', 10_000), Host = "b" });
        Assert.EndsWith("a…\", host=\"b\"", given, StringComparison.Ordinal);
        Assert.InRange(given.Length, 200, 250);
    }

    private static string Of(string verb, FileDescriptor file, IMessage request) =>
        AuditValues.Of(file.Services[0].FindMethodByName(verb), request);
}
