using System.Net;

namespace ClipDistributed.Coordinator.InProcess;

/// <summary>Where this process alone can connect to: no socket is opened.</summary>
internal sealed class InProcessEndPoint : EndPoint
{
    public static readonly InProcessEndPoint Instance = new();

    private InProcessEndPoint()
    {
    }

    public override string ToString() => "in-process";
}
