# PyTorch: device probing, a module, a training function, class names that inference needs.
# %% imports
import torch
import torch.nn as nn
# %% utils
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# %% preprocess
torch.manual_seed(0)
X = torch.randn(80, 4)
y = (X.sum(dim=1) > 0).long()
class_names = ["low", "high"]
mean, std = X.mean(dim=0), X.std(dim=0)
# %% model
class Net(nn.Module):
    def __init__(self, hidden: int = 8):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, x):
        return self.layers((x - mean) / std)
# %% train
net = Net().to(device)
optimizer: torch.optim.Optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
loss_function = nn.CrossEntropyLoss()
for epoch in range(30):
    optimizer.zero_grad()
    loss = loss_function(net(X.to(device)), y.to(device))
    loss.backward()
    optimizer.step()
final_loss = loss.item()
# %% inference
def predict(model, data):
    rows = torch.as_tensor(data, dtype=torch.float32, device=device)
    return [class_names[i] for i in model(rows).argmax(dim=1).tolist()]
# %% check
metrics = []
values = ["final_loss"]
metric_expressions = ["final_loss"]
sample = X[:6].tolist()
model = "net"
predict_arguments = "net, sample"
