using ClipDistributed.WorkerHost.Devices;
using CsCheck;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class PciAddressTests
{
    [Theory]
    [InlineData("00000000:3B:00.0", "0000:3b:00.0")]
    [InlineData("0000:af:1f.7", "0000:af:1f.7")]
    [InlineData("00010000:00:00.0", "10000:00:00.0")] // of a virtual machine
    public void Parse_Address_IsAsLinuxWritesIt(string text, string expected) => Assert.Equal(expected, PciAddress.Parse(text));

    [Theory]
    [InlineData("[N/A]")]
    [InlineData("")]
    [InlineData("3B:00.0")]
    [InlineData("0000:3b:00.8")]
    [InlineData("0000:3b:00.0\n")]
    [InlineData("../../etc:00:00.0")]
    public void Parse_NoAddress_IsNull(string text) => Assert.Null(PciAddress.Parse(text));

    /// <summary>It becomes a folder's name.</summary>
    [Fact]
    public void Parse_AnyText_GivesNothingThatLeavesAFolder() =>
        Gen.Char["0123456789abcdefABCDEF:./"].Array[0, 16].Sample(text =>
            Assert.DoesNotContain('/', PciAddress.Parse(new string(text)) ?? ""));
}
