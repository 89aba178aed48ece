import "./app.css";
import "../generated/icons.svg?url";
