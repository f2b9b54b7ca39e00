namespace ClipDistributed.WorkerHost.Tests.Places;

public sealed class NumaNodesTests : IDisposable
{
    private const string Gpu = "0000:3b:00.0";

    private readonly SimulatedNodes machine = new();

    [Fact]
    public void ProcessorsNear_DeviceOfANode_AreTheNodes()
    {
        machine.Add(Gpu, 1, "2-3,6");
        machine.Add("0000:af:00.0", 0, "0-1");
        Assert.Equal([2, 3, 6], machine.Nodes.ProcessorsNear(Gpu));
    }

    [Fact]
    public void ProcessorsNear_DeviceOfNoNode_AreNotKnown()
    {
        machine.Add(Gpu, -1, "0-3");
        Assert.Null(machine.Nodes.ProcessorsNear(Gpu));
    }

    [Fact]
    public void ProcessorsNear_MachineWithoutTheFiles_AreNotKnown()
    {
        Assert.Null(machine.Nodes.ProcessorsNear(Gpu));
        machine.Add(Gpu, 0, processors: null);
        Assert.Null(machine.Nodes.ProcessorsNear(Gpu));
    }

    public void Dispose() => machine.Dispose();
}
