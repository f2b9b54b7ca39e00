namespace ClipDistributed.Training.Tests.Tensors;

public sealed class VectorKernelsTests
{
    /// <summary>
    /// The first call on two threads at once computes a part of the tensor with few digits, about once in some hundred processes. So none
    /// may be left to an operator.
    /// </summary>
    [Fact]
    public async Task Load_FreshProcess_MakesTheFirstCallOfMklsVectorFunctions()
    {
        using var member = new MemberProcess("vector-kernels");
        string[] printed = await member.EndAsync();
        Assert.Equal(["known", "found"], printed.Select(line => line.Split(' ')[0]));
        Assert.Equal(printed[1].Split(' ')[1], printed[0].Split(' ')[1]);
    }
}
